//! Reads and lints files, several at a time.

use std::{
    fs::File,
    io::{self, Read},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use kubevet_core::{
    engine::{LintedFile, Linter, lint_document},
    source::{EncodingProblem, SourceText},
};
use rayon::prelude::*;

use crate::{problem::Problem, progress::Progress, walk::Origin};

/// Larger files are no configuration: etcd refuses objects above 1.5 MiB.
const MAX_BYTES: u64 = 64 << 20;
/// Deeply nested input needs more than the 2 MiB that threads get.
const STACK: usize = 8 << 20;

/// Runs work on this many threads (0: one per processor); on the calling one when one is enough or the system gives
/// no more.
pub fn on_threads<T: Send>(jobs: usize, work: impl FnOnce() -> T + Send) -> T {
    let builder = || rayon::ThreadPoolBuilder::new().stack_size(STACK);
    let pool = if jobs == 1 { None } else { builder().num_threads(jobs).build().ok() };
    match pool.or_else(|| builder().num_threads(1).use_current_thread().build().ok()) {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

/// Lints every file. Results are in the order of the files, whatever the number of threads.
pub fn lint(
    files: &[(Arc<str>, Origin)],
    linter: &Linter,
    jobs: usize,
    progress: &Progress,
) -> Vec<Result<LintedFile, Problem>> {
    let one = |(path, origin): &(Arc<str>, Origin)| {
        let result = guarded(path, origin, linter);
        progress.step();
        result
    };
    let jobs = if files.len() == 1 { 1 } else { jobs };
    on_threads(jobs, || files.par_iter().map(one).collect())
}

/// A panic costs one file, not the run.
fn guarded(path: &Arc<str>, origin: &Origin, linter: &Linter) -> Result<LintedFile, Problem> {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let (source, encoding) = text(path, origin)?;
        Ok(lint_document(source, encoding, linter))
    }));
    outcome.unwrap_or_else(|_| {
        Err(Problem::new(format!(
            "`{path}` could not be checked: this is a mistake of kubevet, please report it"
        )))
    })
}

/// Reads one file as text.
pub fn text(path: &Arc<str>, origin: &Origin) -> Result<(SourceText, Option<EncodingProblem>), Problem> {
    let bytes = read(origin).map_err(|error| Problem::read(path, &error))?;
    Ok(SourceText::from_bytes(path.clone(), bytes))
}

fn read(origin: &Origin) -> io::Result<Vec<u8>> {
    match origin {
        Origin::Stdin => read_limited(io::stdin().lock(), 0),
        Origin::File(path) => {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            if size > MAX_BYTES { Err(too_large()) } else { read_limited(file, size) }
        }
    }
}

/// Pipes and devices tell no size: so what comes is counted.
fn read_limited(input: impl Read, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size as usize + 1);
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES { Err(too_large()) } else { Ok(bytes) }
}

fn too_large() -> io::Error {
    io::Error::other(format!("it is larger than {} MiB: leave it out with `--exclude`", MAX_BYTES >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubevet_core::engine::Config;

    #[test]
    fn a_file_that_has_vanished_is_told_and_the_rest_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| (Arc::from(name), Origin::File(folder.path().join(name)));
        let files = [file("a.yaml"), file("gone.yaml"), file("z.yaml")];
        for name in ["a.yaml", "z.yaml"] {
            std::fs::write(folder.path().join(name), "a: 1\n").expect("a file");
        }
        let linter = Linter::new(&[], Config::default()).expect("nothing is selected");
        let results = lint(&files, &linter, 2, &Progress::new(files.len(), false));
        assert!(results[0].is_ok() && results[2].is_ok());
        let problem = results[1].as_ref().expect_err("it is gone");
        assert!(problem.message.starts_with("cannot read `gone.yaml`: no such file"), "{problem}");
    }
}
