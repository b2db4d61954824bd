//! Pages of a transparency log.
pub mod checkpoint;
pub mod cosignature;
pub mod ed25519;
pub mod hash;
mod lexeme;
pub mod limits;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
mod tile_view;
pub mod tlog_proof;
pub mod tree;
pub use hash::Hash;
pub use tile_view::TileStoreView;
pub use tree::{LeafIndex, NodeReader, TreeSize};
