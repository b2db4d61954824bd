//! Timelines and findings in words.
