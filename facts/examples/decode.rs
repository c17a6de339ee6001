//! What the first look-up into each part costs: it inflates and decodes the part. Later ones only search.
//! `cargo run --release -p kubevet-facts --example decode`

use std::hint::black_box;
#[allow(clippy::disallowed_types, reason = "an example that measures; the crate itself has no clock")]
use std::time::Instant;

use kubevet_facts::{
    Component, Version, api, authorization_modes, bootstrap_role, config_default, config_kind, flag, gate,
    schema,
};

#[allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "as above")]
fn main() {
    let version = Version::newest();
    let look_ups: [(&str, &dyn Fn() -> bool); 9] = [
        ("flags", &|| flag(Component::Kubelet, "anonymous-auth", version).is_some()),
        ("gates", &|| gate(Component::Kubelet, "ImageVolume", version).is_some()),
        ("config", &|| config_default(Component::Kubelet, "readOnlyPort", version).is_some()),
        ("apis", &|| api("apps/v1", "Deployment").is_some()),
        ("control", &|| !authorization_modes().is_empty()),
        ("roles", &|| bootstrap_role("ClusterRole", "", "edit", version).is_some()),
        ("fields", &|| {
            config_kind("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", version)
                .is_some_and(|kind| kind.field("authorization.mode").is_some())
        }),
        ("schemas", &|| schema("apps/v1", "Deployment", version).is_some()),
        ("fields of a kind", &|| {
            let spec = schema("apps/v1", "Deployment", version).and_then(|schema| schema.field("spec"));
            spec.is_some_and(|spec| spec.schema().field("replicas").is_some())
        }),
    ];
    let mut total = 0.0;
    for (part, look_up) in look_ups {
        let start = Instant::now();
        assert!(black_box(look_up()), "{part}");
        let first = start.elapsed().as_secs_f64() * 1e6;
        let start = Instant::now();
        for _ in 0..1000 {
            black_box(look_up());
        }
        let later = start.elapsed().as_secs_f64() * 1e3;
        println!("{part:16} first {first:6.0} us, later {later:6.3} us");
        total += first;
    }
    println!("all first look-ups {:.2} ms", total / 1e3);
}
