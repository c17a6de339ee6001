//! kubevet for JavaScript: the same engine behind one function.

mod check;

pub use check::{CheckOptions, InputFile, check_json};

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

#[wasm_bindgen]
extern "C" {
    /// `{ path: string, text: string }[]`
    #[wasm_bindgen(typescript_type = "InputFile[]")]
    pub type InputFiles;
    /// The choices of a run.
    #[wasm_bindgen(typescript_type = "CheckOptions | undefined")]
    pub type Options;
    /// The report, of the same shape as `kubevet check --output-format json`.
    #[wasm_bindgen(typescript_type = "Report")]
    pub type Report;

    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &str) -> Result<JsValue, JsValue>;
}

/// Lints files that belong together.
///
/// # Errors
/// An `Error` that says what is wrong with the options or the files.
#[wasm_bindgen]
pub fn check(files: InputFiles, options: Option<Options>) -> Result<Report, JsValue> {
    let text = |value: &JsValue| Ok::<_, JsValue>(stringify(value)?.unwrap_or_else(|| "null".to_owned()));
    let options = options.map_or_else(|| Ok("{}".to_owned()), |options| text(&options))?;
    let report = check_json(&text(&files)?, &options).map_err(|error| JsError::new(&error))?;
    Ok(parse(&report)?.unchecked_into())
}
