//! `pouet admin emoji`: custom emoji, one by one or in packs.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use pouet_service::{
    Error, Instance,
    emojis::{self, Added, NewEmoji},
};
use serde::Serialize;

use super::print_json;
use crate::{
    cli::{EmojiCommand, EmojiOptions, Exit},
    output::Failure,
};

/// Bytes of a file that are read: one more than an emoji may have, so that a larger one is refused and not cut.
const MAX_FILE_BYTES: u64 = 256 * 1024 + 1;
/// Pictures of one pack.
const MAX_FILES: usize = 10_000;
/// Bytes of all pictures of one pack, which are held in memory, and of an archive that is unpacked.
const MAX_PACK_BYTES: u64 = 512 * 1024 * 1024;
/// How deep the folders of a pack go.
const MAX_DEPTH: usize = 4;
/// Endings of the files that are looked at.
const ENDINGS: [&str; 3] = ["png", "gif", "webp"];

/// Runs a command of this group.
pub(super) async fn run(instance: &Instance, command: EmojiCommand, json: bool) -> Result<(), Failure> {
    match command {
        EmojiCommand::List => list(instance, json).await,
        EmojiCommand::Add {
            shortcode,
            file,
            options,
        } => {
            let picture = File::open(&file)
                .and_then(read)
                .map_err(|error| unreadable(&file, &error))?;
            let found = PackFile {
                shortcode: shortcode.trim_matches(':').to_owned(),
                folder: None,
                picture,
            };
            let added = emojis::add(instance, found.clone().into_new(&options)).await?;
            if added == Added::Kept {
                let reason = format!(
                    "there is an emoji {:?} already; --replace replaces it",
                    found.shortcode
                );
                return Err(Failure::new(Exit::Refused, reason));
            }
            report(
                &Report {
                    added: vec![found.shortcode],
                    ..Report::default()
                },
                json,
            )
        }
        EmojiCommand::Import {
            pack,
            prefix,
            options,
        } => import(instance, &pack, &prefix, &options, json).await,
        EmojiCommand::Remove { shortcode } => {
            emojis::remove(instance, &shortcode).await?;
            let removed = shortcode.trim_matches(':');
            if json {
                return print_json(&serde_json::json!({ "removed": removed }));
            }
            println!("{removed} is removed");
            Ok(())
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::NotFound, format!("cannot read {}: {error}", path.display()))
}

/// What is printed of an emoji.
#[derive(Serialize)]
struct Line<'a> {
    shortcode: &'a str,
    category: Option<&'a str>,
    visible_in_picker: bool,
    url: String,
}

async fn list(instance: &Instance, json: bool) -> Result<(), Failure> {
    let found = emojis::list(instance).await?;
    let lines: Vec<Line<'_>> = found
        .iter()
        .map(|picker| Line {
            shortcode: &picker.emoji.shortcode,
            category: picker.category.as_deref(),
            visible_in_picker: picker.visible,
            url: instance.urls().media(&picker.emoji.image),
        })
        .collect();
    if json {
        return print_json(&lines);
    }
    for line in lines {
        let shown = if line.visible_in_picker { "shown" } else { "hidden" };
        println!(
            "{}\t{}\t{shown}\t{}",
            line.shortcode,
            line.category.unwrap_or("-"),
            line.url
        );
    }
    Ok(())
}

/// A picture of a pack.
#[derive(Clone, Debug)]
struct PackFile {
    shortcode: String,
    /// The folder that it lies in, if it is not the pack itself.
    folder: Option<String>,
    picture: Vec<u8>,
}

impl PackFile {
    fn into_new(self, options: &EmojiOptions) -> NewEmoji {
        NewEmoji {
            shortcode: self.shortcode,
            category: options.category.clone().or(self.folder),
            visible: !options.hidden,
            picture: self.picture.into(),
            replace: options.replace,
        }
    }
}

/// What became of a pack.
#[derive(Default, Serialize)]
struct Report {
    added: Vec<String>,
    replaced: Vec<String>,
    /// There was one of the same name.
    kept: Vec<String>,
    refused: Vec<Refused>,
}

#[derive(Serialize)]
struct Refused {
    shortcode: String,
    reason: String,
}

async fn import(
    instance: &Instance,
    pack: &Path,
    prefix: &str,
    options: &EmojiOptions,
    json: bool,
) -> Result<(), Failure> {
    let mut pictures = Pictures::default();
    if pack.is_dir() {
        walk(pack, pack, 0, &mut pictures)
    } else {
        File::open(pack).and_then(|file| unpack(file, MAX_PACK_BYTES, &mut pictures))
    }
    .map_err(|error| unreadable(pack, &error))?;
    let outcome = add_all(instance, pictures.files, prefix, options).await?;
    report(&outcome, json)
}

/// Adds pictures; those that are not as they should be are left out.
async fn add_all(
    instance: &Instance,
    files: Vec<PackFile>,
    prefix: &str,
    options: &EmojiOptions,
) -> Result<Report, Failure> {
    let mut outcome = Report::default();
    for mut file in files {
        file.shortcode.insert_str(0, prefix);
        let shortcode = file.shortcode.clone();
        match emojis::add(instance, file.into_new(options)).await {
            Ok(Added::New) => outcome.added.push(shortcode),
            Ok(Added::Replaced) => outcome.replaced.push(shortcode),
            Ok(Added::Kept) => outcome.kept.push(shortcode),
            Err(Error::Invalid { reason, .. }) => outcome.refused.push(Refused { shortcode, reason }),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(outcome)
}

fn report(outcome: &Report, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(outcome);
    }
    println!(
        "{} added, {} replaced, {} kept as they were, {} refused",
        outcome.added.len(),
        outcome.replaced.len(),
        outcome.kept.len(),
        outcome.refused.len()
    );
    for refused in &outcome.refused {
        let shortcode = refused.shortcode.replace(char::is_control, " ");
        println!("{shortcode}: {}", refused.reason);
    }
    Ok(())
}

/// The pictures of a pack.
#[derive(Default)]
struct Pictures {
    files: Vec<PackFile>,
    bytes: u64,
}

impl Pictures {
    fn is_full(&self) -> bool {
        self.files.len() >= MAX_FILES
    }

    /// Adds the file at `path` in the pack, if it is a picture.
    fn add(&mut self, path: &Path, read: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<()> {
        if let Some(file) = pack_file(path, read)? {
            self.bytes += file.picture.len() as u64;
            if self.bytes > MAX_PACK_BYTES {
                return Err(io::Error::other(format!(
                    "there are more than {MAX_PACK_BYTES} bytes of pictures"
                )));
            }
            self.files.push(file);
        }
        Ok(())
    }
}

/// The pictures of a folder and the folders in it, by name. Links are not followed.
fn walk(root: &Path, folder: &Path, depth: usize, pictures: &mut Pictures) -> io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if pictures.is_full() {
            break;
        }
        if kind.is_dir() && depth < MAX_DEPTH {
            walk(root, &path, depth + 1, pictures)?;
        } else if kind.is_file() {
            let inner = path.strip_prefix(root).unwrap_or(&path);
            pictures.add(inner, || File::open(&path).and_then(read))?;
        }
    }
    Ok(())
}

/// The pictures of a tar archive, perhaps compressed. Nothing is written: entries are read one by one, and their
/// paths say only what they are called. What is compressed may be far larger than it looks: `most` bytes are
/// unpacked, and an archive that is longer counts as cut off.
fn unpack(mut pack: impl Read + Seek, most: u64, pictures: &mut Pictures) -> io::Result<()> {
    let mut magic = Vec::new();
    pack.by_ref().take(2).read_to_end(&mut magic)?;
    pack.rewind()?;
    let reader: Box<dyn Read + '_> = if magic == [0x1f, 0x8b] {
        Box::new(GzDecoder::new(pack))
    } else {
        Box::new(pack)
    };
    let mut archive = tar::Archive::new(reader.take(most));
    for entry in archive.entries()? {
        let entry = entry?;
        if pictures.is_full() {
            break;
        }
        if entry.header().entry_type().is_file() {
            let path: PathBuf = entry.path()?.into_owned();
            pictures.add(&path, || read(entry))?;
        }
    }
    Ok(())
}

fn read(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file of a pack by its path in it, if its name says that it is a picture.
fn pack_file(path: &Path, read: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Option<PackFile>> {
    let text = |part: Option<&std::ffi::OsStr>| part.and_then(|part| part.to_str()).map(str::to_owned);
    let is_picture =
        text(path.extension()).is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()));
    let Some(name) = text(path.file_stem()).filter(|name| is_picture && !name.starts_with('.')) else {
        return Ok(None);
    };
    Ok(Some(PackFile {
        shortcode: name,
        folder: text(path.parent().and_then(Path::file_name)).filter(|folder| folder != "."),
        picture: read()?,
    }))
}

#[cfg(test)]
mod tests;
