//! Images that another file replaces.

use super::{ResourceSet, path::folder};
use crate::{
    kubernetes::{Object, PodSpec},
    yaml::NodeRef,
};

impl ResourceSet {
    /// Whether a later step says which image runs instead of the one that an object names: the `images` of a
    /// kustomization, a patch, or Skaffold, which builds it. The name is without tag and digest.
    pub fn replaces_image(&self, image: NodeRef<'_>, name: &str) -> bool {
        let path = image.tree().path();
        let role = self.paths.get(path).and_then(|index| self.kustomize.roles.get(index));
        let by_kustomize = role.is_some_and(|role| role.images.iter().any(|image| image == name));
        let builds = |config: Object<'_>| {
            let below = path.strip_prefix(folder(config.tree().path()));
            let artifacts = config.node().at(&["build", "artifacts"]);
            let mut artifacts = artifacts.into_iter().flat_map(NodeRef::items);
            below.is_some_and(|rest| rest.len() == path.len() || rest.starts_with('/'))
                && artifacts.any(|one| one.get("image").is_some_and(|image| image.text() == name))
        };
        by_kustomize || self.is_patched_image(image) || self.of_kind("skaffold", "Config").any(builds)
    }

    /// Whether a patch of the same object gives the container of an image another one.
    fn is_patched_image(&self, image: NodeRef<'_>) -> bool {
        let Some(object) = Object::containing(image) else { return false };
        let container = image.parent().and_then(|container| container.get("name")).map_or("", NodeRef::text);
        let gives = |patch: Object<'_>| {
            let mut containers = PodSpec::of(patch).into_iter().flat_map(PodSpec::containers);
            containers.any(|one| one.name() == container && one.image().is_some())
        };
        let mut patches = self.patches(object.group(), object.kind(), object.name().unwrap_or_default());
        patches.any(|patch| patch != object && gives(patch))
    }
}
