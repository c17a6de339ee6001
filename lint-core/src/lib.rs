//! The kubevet engine: text in, findings out.
