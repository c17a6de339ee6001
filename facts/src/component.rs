//! Components of a cluster.

use std::fmt;

/// A program of the control plane or of a node.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Component {
    /// kube-apiserver
    KubeApiserver,
    /// kube-controller-manager
    KubeControllerManager,
    /// kube-scheduler
    KubeScheduler,
    /// kubelet
    Kubelet,
    /// kube-proxy
    KubeProxy,
    /// etcd
    Etcd,
}

impl Component {
    /// All components, in the order of a cluster's start.
    pub const ALL: [Component; 6] = [
        Component::Etcd,
        Component::KubeApiserver,
        Component::KubeControllerManager,
        Component::KubeScheduler,
        Component::Kubelet,
        Component::KubeProxy,
    ];

    /// Name of the program.
    pub const fn name(self) -> &'static str {
        match self {
            Component::KubeApiserver => "kube-apiserver",
            Component::KubeControllerManager => "kube-controller-manager",
            Component::KubeScheduler => "kube-scheduler",
            Component::Kubelet => "kubelet",
            Component::KubeProxy => "kube-proxy",
            Component::Etcd => "etcd",
        }
    }

    /// From the name of a program, with or without folders: `/usr/local/bin/kubelet`. The short names that
    /// `hyperkube` takes as its first word (`apiserver`, `controller-manager`, `scheduler`, `proxy`) count too.
    pub fn from_binary(name: &str) -> Option<Self> {
        let base = name.rsplit('/').next().unwrap_or(name);
        let base = base.strip_suffix(".exe").unwrap_or(base);
        Component::ALL.into_iter().find(|component| {
            let full = component.name();
            base == full || full.strip_prefix("kube-") == Some(base)
        })
    }

    pub(crate) const fn code(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries() {
        assert_eq!(Component::from_binary("/usr/local/bin/kubelet"), Some(Component::Kubelet));
        assert_eq!(Component::from_binary("apiserver"), Some(Component::KubeApiserver));
        assert_eq!(Component::from_binary("kubelet.exe"), Some(Component::Kubelet));
        assert_eq!(Component::from_binary("etcdctl"), None);
        assert_eq!(Component::from_binary("kubelet-csr-approver"), None);
    }
}
