//! Bytes into a verdict: who signed, with which key, at which assurance.
