//! The packages of the Fedify peer that the black-box suites federate with.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    report::{self, Report},
    tools::succeeds,
};

/// Installs what the package-lock.json in `sources` names into a folder beside `build_folder`, unless that is done.
///
/// The folder, which then has `node_modules`; `None` if there is no peer or something is missing, which the report says.
pub(crate) fn prepare(report: &mut Report, sources: &Path, build_folder: &Path) -> Option<PathBuf> {
    const FILES: [&str; 2] = ["package.json", "package-lock.json"];
    let mut wanted = String::new();
    for file in FILES {
        wanted.push_str(&fs::read_to_string(sources.join(file)).ok()?);
    }
    let folder = build_folder.parent().unwrap_or(build_folder).join("peer");
    let installed = folder.join("installed.txt");
    if folder.join("node_modules").exists() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted)
    {
        return Some(folder);
    }
    if !succeeds(Command::new("npm").arg("--version")) {
        report.missing("Fedify peer", "npm is not installed");
        return None;
    }
    report::announce(
        "Fedify peer",
        &format!("install {} into {}", sources.display(), folder.display()),
    );
    if let Err(error) = install(sources, &FILES, &folder, &installed, &wanted) {
        report.missing(
            "Fedify peer",
            &format!("its packages could not be installed: {error:#}"),
        );
        return None;
    }
    Some(folder)
}

fn install(
    sources: &Path,
    files: &[&str],
    folder: &Path,
    installed: &Path,
    wanted: &str,
) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for file in files {
        fs::copy(sources.join(file), folder.join(file))?;
    }
    // No package has to run anything to be installed. That npm's own Node.js is older than Fedify wants is of no
    // account: the packages bring the one that runs it.
    let status = Command::new("npm")
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .current_dir(folder)
        .status()?;
    anyhow::ensure!(status.success(), "npm ended with {status}");
    fs::write(installed, wanted)?;
    Ok(())
}
