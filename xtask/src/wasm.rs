//! `cargo xtask wasm`: the JavaScript package, for Node and bundlers.

use std::path::PathBuf;

#[cfg(feature = "wasm")]
use crate::root;
use crate::{Result, run};

/// Builds the module and its JavaScript side into a folder, through the build of this task that has the means.
#[cfg(not(feature = "wasm"))]
pub fn run_build(folder: Option<PathBuf>) -> Result {
    let mut arguments = vec!["run", "--quiet", "--package", "xtask", "--features", "wasm", "--", "wasm"];
    arguments.extend(folder.as_deref().map(|folder| folder.to_str().expect("arguments are UTF-8")));
    run("cargo", &arguments)
}

/// Builds the module and its JavaScript side into a folder.
#[cfg(feature = "wasm")]
pub fn run_build(folder: Option<PathBuf>) -> Result {
    let folder = root().join(folder.unwrap_or_else(|| PathBuf::from("lint-wasm/pkg")));
    run(
        "cargo",
        &[
            "build",
            "--quiet",
            "--profile",
            "wasm",
            "--target",
            "wasm32-unknown-unknown",
            "--package",
            "kubevet-wasm",
        ],
    )?;
    bindgen(&root().join("target/wasm32-unknown-unknown/wasm/kubevet_wasm.wasm"), &folder)?;
    let module = folder.join("kubevet_bg.wasm");
    let size = std::fs::metadata(&module).map_err(|error| format!("{}: {error}", module.display()))?.len();
    eprintln!("xtask: {} has {} kB", module.display(), size / 1000);
    Ok(())
}

#[cfg(feature = "wasm")]
fn bindgen(module: &std::path::Path, folder: &std::path::Path) -> Result {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(module).typescript(true).omit_default_module_path(false).out_name("kubevet");
    // Names of functions are a fifth of the module.
    bindgen.remove_name_section(true).remove_producers_section(true);
    let configured = bindgen.nodejs(true).map_err(|error| error.to_string())?;
    configured.generate(folder).map_err(|error| format!("wasm-bindgen: {error:#}"))
}
