//! The built command, run as people and programs run it.

mod config;
mod custom;
mod exit;
mod explain;
mod files;
mod formats;
mod hostile;
mod options;
mod readme;
mod rules;
mod schema;
mod settings;
mod support;
mod upgrade;
mod upgrade_steps;
mod versions;
