//! A virtual environment with the client libraries that the black-box suites drive.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    report::{self, Report},
    tools::succeeds,
};

/// Makes (or finds, if `requirements` has not changed since) a virtual environment beside `build_folder`.
///
/// The path of its interpreter; `None` if no client is tested or something is missing, which the report then says.
pub(crate) fn prepare(report: &mut Report, requirements: &Path, build_folder: &Path) -> Option<PathBuf> {
    let wanted = fs::read_to_string(requirements).ok()?;
    let folder = build_folder.parent().unwrap_or(build_folder).join("venv");
    let python = folder.join("bin/python");
    let installed = folder.join("installed.txt");
    if python.exists() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Some(python);
    }
    if !succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"])) {
        report.missing("real clients", "python3 with its module venv is not installed");
        return None;
    }
    report::announce(
        "Python clients",
        &format!("install {} into {}", requirements.display(), folder.display()),
    );
    let made = completes(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    ) && completes(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
            ])
            .arg(requirements),
    );
    if !made {
        report.missing("real clients", "their packages could not be installed");
        return None;
    }
    match fs::write(&installed, wanted) {
        Ok(()) => Some(python),
        Err(error) => {
            report.missing(
                "real clients",
                &format!("{} cannot be written: {error}", installed.display()),
            );
            None
        }
    }
}

/// Runs a command to its end with our own output. Whether it succeeded.
fn completes(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
