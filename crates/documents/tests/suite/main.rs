//! Whole tables through the public interface.

mod cargo2000;
mod files;
