//! Generated facts about Kubernetes, one set per minor version, with typed look-ups.
