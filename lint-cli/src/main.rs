//! The `kubevet` binary.

fn main() -> std::process::ExitCode {
    kubevet_cli::main()
}
