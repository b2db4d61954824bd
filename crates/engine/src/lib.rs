//! Threads, queues, effects.
