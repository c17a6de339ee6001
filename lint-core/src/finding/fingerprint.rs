//! Fingerprints: the same problem keeps its value when other lines of the file change.

use super::ObjectIdentity;

/// Hash over the rule, the object (or the path where there is none), the route and the arguments of the message.
///
/// Arguments are the back-ticked parts of the message, so rewording a message keeps fingerprints.
/// FNV-1a with 128 bits: fixed for ever by its definition, unlike the standard library's hasher.
pub(crate) fn fingerprint(
    rule: &str,
    object: Option<&ObjectIdentity>,
    path: &str,
    field: Option<&str>,
    message: &str,
) -> u128 {
    let mut hash = Fnv(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
    hash.part(rule);
    match object {
        Some(ObjectIdentity { api_version, kind, namespace, name: Some(name) }) => {
            // The version of an API group may be raised without making old findings new ones.
            hash.part(api_version.rsplit_once('/').map_or("", |(group, _)| group));
            hash.part(kind);
            hash.part(namespace.as_deref().unwrap_or_default());
            hash.part(name);
        }
        _ => hash.part(path),
    }
    hash.part(field.unwrap_or_default());
    for argument in message.split('`').skip(1).step_by(2) {
        hash.part(argument);
    }
    hash.0
}

struct Fnv(u128);

impl Fnv {
    fn part(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewording_keeps_it_and_arguments_change_it() {
        let object = ObjectIdentity {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            namespace: None,
            name: Some("web".into()),
        };
        let of = |path: &str, message: &str| fingerprint("a/b", Some(&object), path, Some("spec"), message);
        assert_eq!(of("x.yaml", "image `a` floats"), of("y.yaml", "the image `a` is not pinned"));
        assert_ne!(of("x.yaml", "image `a` floats"), of("x.yaml", "image `b` floats"));
        assert_ne!(
            fingerprint("a/b", None, "x.yaml", None, "m"),
            fingerprint("a/b", None, "y.yaml", None, "m")
        );
    }
}
