//! Pods that no API server starts.

use kubevet_core::kubernetes::Object;

/// Whether it is a Pod that the kubelet itself runs: a file of a manifests directory, a mirror of one, or one of
/// `kube-system`, where nobody else leaves a Pod without a controller.
pub fn is_static(object: Object<'_>) -> bool {
    let path = object.tree().path();
    let known = path.contains("kubernetes/manifests/")
        || path.contains("static-pod")
        || path.contains("pod-manifests/")
        || object.annotation("kubernetes.io/config.mirror").is_some()
        || object.namespace() == Some("kube-system");
    known && object.is("", "Pod")
}
