//! `kubevet version`.

use kubevet_core::facts::Version;
use serde::Serialize;

use crate::{args::Listing, console::Console, outcome::Outcome};

#[derive(Serialize)]
struct About {
    version: &'static str,
    /// Minor versions that the facts cover, oldest first.
    kubernetes: Vec<String>,
    rules: usize,
}

/// Prints the version, the versions of Kubernetes whose facts are built in, and the number of rules.
pub fn version(format: Listing, console: &Console) -> Outcome {
    let about = About {
        version: env!("CARGO_PKG_VERSION"),
        kubernetes: Version::SUPPORTED.map(|minor| Version::new(minor).to_string()).collect(),
        rules: kubevet_rules::all().len(),
    };
    console.print(&match format {
        Listing::Json => serde_json::to_string_pretty(&about).expect("plain data") + "\n",
        Listing::Text => format!(
            "kubevet {}: Kubernetes {} to {}, {} rules\n",
            about.version,
            Version::oldest(),
            Version::newest(),
            about.rules
        ),
    })
}
