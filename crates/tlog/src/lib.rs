//! Pages of a transparency log.
pub mod hash;
mod lexeme;
pub mod limits;
pub mod proof;
pub mod tree;
pub use hash::Hash;
pub use tree::{LeafIndex, NodeReader, TreeSize};
