//! What things are for, in the words of the `OpenAPI` documents and of the flags' help.

use crate::{
    Component, Schema,
    data::{self, OF_ITSELF, Shape},
};

impl Schema {
    /// What a type is for; `None` where nobody says it.
    pub fn description(self) -> Option<&'static str> {
        of_definition(self.shape, OF_ITSELF)
    }

    /// What a field of an object is for; `None` where nobody says it.
    pub fn description_of(self, field: &str) -> Option<&'static str> {
        let number = data::schemas().names.binary_search(&field).ok()?;
        of_definition(self.shape, number as u16)
    }
}

fn of_definition(shape: &Shape, name: u16) -> Option<&'static str> {
    let Shape::Object(definition) = shape else { return None };
    let part = data::descriptions();
    let said = &part.definitions[*definition as usize];
    let at = said.binary_search_by_key(&name, |(name, _)| *name).ok()?;
    Some(part.texts[said[at].1 as usize])
}

/// The help of a flag, as its newest version prints it.
pub fn flag_description(component: Component, name: &str) -> Option<&'static str> {
    let part = data::descriptions();
    let found = part.flags.iter().find(|(of, flag, _)| *of == component as u8 && *flag == name);
    found.map(|(.., text)| part.texts[*text as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Version, schema};

    #[test]
    fn fields_and_flags_have_words() {
        let deployment = schema("apps/v1", "Deployment", Version::newest()).expect("it is served");
        assert!(deployment.description().is_some_and(|text| text.contains("declarative updates")));
        let spec = deployment.field("spec").expect("a field").schema();
        assert!(
            spec.description_of("replicas").is_some_and(|text| text.starts_with("Number of desired pods"))
        );
        assert_eq!(spec.description_of("replica"), None);
        let flag = |name| flag_description(Component::KubeApiserver, name);
        assert!(flag("audit-log-maxage").is_some_and(|text| text.contains("days")));
        assert_eq!(flag("no-such-flag"), None);
    }
}
