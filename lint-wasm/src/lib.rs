//! kubevet for JavaScript.
