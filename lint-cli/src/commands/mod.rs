//! What each command does.

mod check;
mod completions;
mod explain;
mod rules;
mod settings;
mod upgrade;
mod version;

pub use check::check;
pub use completions::completions;
pub use explain::explain;
pub use rules::rules;
pub use settings::settings;
pub use version::version;
