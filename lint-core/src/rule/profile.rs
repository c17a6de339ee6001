//! Profiles: named selections of rules with severities.

/// A named selection. `recommended` ⊂ `production` ⊂ `hardened`; the standards are independent of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// High confidence, low noise; on by default.
    Recommended,
    /// Clusters and workloads that serve real traffic.
    Production,
    /// Regulated or multi-tenant clusters.
    Hardened,
    /// CIS Kubernetes Benchmark 1.12, as far as files can show it.
    Cis,
    /// Pod Security Standards, baseline.
    PssBaseline,
    /// Pod Security Standards, restricted (which contains baseline).
    PssRestricted,
    /// NSA/CISA Kubernetes Hardening Guide.
    Nsa,
    /// Every rule, opposite opinions included.
    All,
}

impl Profile {
    /// All profiles in the order of the documentation.
    pub const ALL: [Profile; 8] = [
        Profile::Recommended,
        Profile::Production,
        Profile::Hardened,
        Profile::Cis,
        Profile::PssBaseline,
        Profile::PssRestricted,
        Profile::Nsa,
        Profile::All,
    ];

    /// The name used in options and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Profile::Recommended => "recommended",
            Profile::Production => "production",
            Profile::Hardened => "hardened",
            Profile::Cis => "cis-1.12",
            Profile::PssBaseline => "pss-baseline",
            Profile::PssRestricted => "pss-restricted",
            Profile::Nsa => "nsa",
            Profile::All => "all",
        }
    }

    /// Whether the predicates are the standard's own: options and exemptions of rules do not count.
    pub const fn is_standard(self) -> bool {
        matches!(self, Profile::Cis | Profile::PssBaseline | Profile::PssRestricted)
    }
}

impl std::fmt::Display for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Profile::ALL.into_iter().find(|profile| profile.name() == text).ok_or_else(|| {
            let known: Vec<_> = Profile::ALL.iter().map(|profile| profile.name()).collect();
            format!("`{text}` is not a profile: use one of {}", known.join(", "))
        })
    }
}
