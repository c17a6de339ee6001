//! Generated facts about Kubernetes (interim).
/// A minor version.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// 1
    pub major: u8,
    /// 34
    pub minor: u8,
}
impl Version {
    /// Newest known.
    pub fn newest() -> Self {
        Version { major: 1, minor: 37 }
    }
}
impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
impl std::str::FromStr for Version {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.trim_start_matches('v').split('.');
        let mut next = || parts.next()?.parse().ok();
        let (major, minor) = (next(), next());
        Ok(Version { major: major.ok_or("no version")?, minor: minor.ok_or("no version")? })
    }
}
/// A component.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Component {
    KubeApiserver,
    KubeControllerManager,
    KubeScheduler,
    Kubelet,
    KubeProxy,
    Etcd,
}
/// A flag.
pub struct Flag {
    /// Default.
    pub default: &'static str,
}
/// Look-up.
pub fn flag(_: Component, _: &str, _: Version) -> Option<Flag> {
    None
}
/// Look-up.
pub fn config_default(_: Component, _: &str, _: Version) -> Option<&'static str> {
    None
}
/// Look-up.
pub fn field_of_flag(_: Component, _: &str) -> Option<&'static str> {
    None
}
/// Look-up.
pub fn flag_of_field(_: Component, _: &str) -> Option<&'static str> {
    None
}
