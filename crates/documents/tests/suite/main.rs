//! Whole tables through the public interface.

#[cfg(test)]
mod cargo2000;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod files;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod re_export;
