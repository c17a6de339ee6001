//! Paths as kustomizations and charts write them.

/// The folder of a path, `""` for the top.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `folder/entry` without `.` and with `..` resolved as far as the path tells.
pub(super) fn join(folder: &str, entry: &str) -> String {
    let absolute = folder.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(entry.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_paths_are_normal() {
        assert_eq!(join("a/overlays/dev", "../../base/./x.yaml"), "a/base/x.yaml");
        assert_eq!(join("", "./x.yaml"), "x.yaml");
        assert_eq!(join("..", "../x"), "../../x");
        assert_eq!(join("/srv/a", "../b/"), "/srv/b");
        assert_eq!((folder("a/b.yaml"), folder("b.yaml")), ("a", ""));
    }
}
