#![expect(
    non_snake_case,
    reason = "the names of security rules are written as in their list"
)]

use std::{
    fs,
    io::{Cursor, Write as _},
};

use flate2::{Compression, write::GzEncoder};
use pouet_test_support::World;
use tar::{Builder, EntryType, Header};

use super::*;

/// A picture of one pixel.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDAT\x78\x9c\x63\x38\xc1\xc5\xf5\x1f\0\x04\x56\x01\xdc\x51\xd6\x8d\xf8\
    \0\0\0\0IEND\xae\x42\x60\x82";

fn options() -> EmojiOptions {
    EmojiOptions {
        category: None,
        hidden: false,
        replace: false,
    }
}

/// An archive of entries by name, as they are: the library that writes it does not allow names that lead out of it.
fn tarred(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, kind, bytes) in entries {
        let mut header = Header::new_old();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if matches!(kind, EntryType::Symlink | EntryType::Link) {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn unpacked(archive: Vec<u8>) -> io::Result<Pictures> {
    let mut pictures = Pictures::default();
    unpack(Cursor::new(archive), MAX_PACK_BYTES, &mut pictures).map(|()| pictures)
}

fn names(pictures: &Pictures) -> Vec<(&str, Option<&str>)> {
    pictures
        .files
        .iter()
        .map(|file| (file.shortcode.as_str(), file.folder.as_deref()))
        .collect()
}

async fn shortcodes(world: &World) -> Vec<String> {
    let found = emojis::list(world).await.unwrap();
    found.into_iter().map(|picker| picker.emoji.shortcode).collect()
}

#[test]
fn files_are_named_after_themselves_and_their_folder() {
    let found = |path: &str| {
        let file = pack_file(Path::new(path), || Ok(vec![1])).unwrap();
        file.map(|file| (file.shortcode, file.folder))
    };
    let named = |name: &str, folder: Option<&str>| Some((name.to_owned(), folder.map(str::to_owned)));
    for (path, expected) in [
        ("blobcat.png", named("blobcat", None)),
        ("./blobcat.GIF", named("blobcat", None)),
        ("pack/cats/blob.webp", named("blob", Some("cats"))),
        ("README.md", None),
        ("pack/.hidden.png", None),
        ("noending", None),
    ] {
        assert_eq!(found(path), expected, "{path}");
    }
}

#[test]
fn archives_are_read_with_and_without_compression() {
    let archive = tarred(&[
        ("pack/", EntryType::Directory, b""),
        ("pack/cats/blob.png", EntryType::Regular, PIXEL),
        ("pack/README.md", EntryType::Regular, b"text"),
        ("wave.gif", EntryType::Regular, b"GIF"),
    ]);
    for archive in [archive.clone(), zipped(&archive)] {
        let pictures = unpacked(archive).unwrap();
        assert_eq!(names(&pictures), [("blob", Some("cats")), ("wave", None)]);
        assert_eq!(pictures.files[0].picture, PIXEL);
    }
}

#[test]
fn sec_R057_paths_and_links_of_an_archive_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("absolute.png");
    let absolute = outside.to_str().unwrap();
    let archive = tarred(&[
        ("../../up.png", EntryType::Regular, PIXEL),
        (absolute, EntryType::Regular, PIXEL),
        ("C:\\windows.png", EntryType::Regular, PIXEL),
        ("soft.png", EntryType::Symlink, b""),
        ("hard.png", EntryType::Link, b""),
        ("device.png", EntryType::Char, b""),
        ("fifo.png", EntryType::Fifo, b""),
        ("nul.png\0.sh", EntryType::Regular, PIXEL),
    ]);
    let pictures = unpacked(archive).unwrap();
    let found: Vec<&str> = names(&pictures).into_iter().map(|(name, _)| name).collect();
    assert_eq!(found, ["up", "absolute", "C:\\windows", "nul"]);
    assert!(!outside.exists(), "nothing is written");
}

#[test]
fn sec_R057_archives_that_are_broken_are_refused_whole() {
    let whole = tarred(&[
        ("one.png", EntryType::Regular, PIXEL),
        ("two.png", EntryType::Regular, &[7; 2000]),
    ]);
    let compressed = zipped(&whole);
    let mut wrong_sum = whole.clone();
    wrong_sum[2] ^= 1;
    for (name, archive) in [
        ("text", b"this is no archive".to_vec()),
        ("noise", vec![0x5a; 4096]),
        ("cut within an entry", whole[..2048].to_vec()),
        ("compressed, cut", compressed[..compressed.len() / 2].to_vec()),
        ("compressed text", zipped(b"this is no archive")),
        ("only the beginning of gzip", vec![0x1f, 0x8b]),
        ("wrong checksum", wrong_sum),
    ] {
        assert!(unpacked(archive).is_err(), "{name}");
    }
    assert_eq!(unpacked(Vec::new()).unwrap().files.len(), 0, "nothing in it");
}

#[test]
fn sec_R057_what_is_compressed_is_not_unpacked_without_end() {
    let nothing = vec![0; 1024 * 1024];
    let archive = zipped(&tarred(&[
        ("README", EntryType::Regular, &nothing),
        ("late.png", EntryType::Regular, PIXEL),
    ]));
    assert!(archive.len() < nothing.len() / 20);
    for (most, found) in [(2 * 1024 * 1024, Some(1)), (1024 * 1024, None)] {
        let mut pictures = Pictures::default();
        let result = unpack(Cursor::new(&archive), most, &mut pictures);
        assert_eq!(result.ok().map(|()| pictures.files.len()), found);
    }
}

#[test]
fn a_pack_has_a_bound() {
    let names: Vec<String> = (0..=MAX_FILES).map(|n| format!("e{n}.png")).collect();
    let entries: Vec<(&str, EntryType, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), EntryType::Regular, &b"x"[..]))
        .collect();
    let pictures = unpacked(tarred(&entries)).unwrap();
    assert_eq!(pictures.files.len(), MAX_FILES);

    let mut pictures = Pictures {
        bytes: MAX_PACK_BYTES,
        ..Pictures::default()
    };
    assert!(pictures.add(Path::new("README"), || Ok(vec![1])).is_ok());
    assert!(pictures.add(Path::new("one.png"), || Ok(vec![1])).is_err());
}

#[test]
fn sec_R057_links_in_a_folder_are_not_followed() {
    let (pack, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let within = |path: &str| pack.path().join(path);
    fs::write(outside.path().join("secret.png"), PIXEL).unwrap();
    fs::create_dir_all(within("cats/a/b/c/d")).unwrap();
    for path in [
        "wave.png",
        "cats/blob.png",
        "cats/a/b/c/deep.png",
        "cats/a/b/c/d/deeper.png",
        "notes.txt",
    ] {
        fs::write(within(path), PIXEL).unwrap();
    }
    std::os::unix::fs::symlink(outside.path().join("secret.png"), within("link.png")).unwrap();
    std::os::unix::fs::symlink(outside.path(), within("elsewhere")).unwrap();
    let mut pictures = Pictures::default();
    walk(pack.path(), pack.path(), 0, &mut pictures).unwrap();
    assert_eq!(
        names(&pictures),
        [("deep", Some("c")), ("blob", Some("cats")), ("wave", None)]
    );
    assert!(walk(pack.path(), &within("nowhere"), 0, &mut pictures).is_err());
}

#[tokio::test]
async fn sec_R057_pictures_of_a_pack_are_refused_one_by_one() {
    let world = World::new();
    let mut large = PIXEL.to_vec();
    large.resize(300 * 1024, 0);
    let archive = tarred(&[
        ("cats/blob.png", EntryType::Regular, PIXEL),
        ("../../bad name.png", EntryType::Regular, PIXEL),
        ("broken.png", EntryType::Regular, b"no picture"),
        ("large.png", EntryType::Regular, &large),
        ("wave.png", EntryType::Regular, PIXEL),
    ]);
    let pictures = unpacked(zipped(&archive)).unwrap();
    assert_eq!(
        pictures.files[3].picture.len() as u64,
        MAX_FILE_BYTES,
        "no more is read"
    );
    let outcome = add_all(&world, pictures.files.clone(), "p_", &options())
        .await
        .unwrap();
    assert_eq!(outcome.added, ["p_blob", "p_wave"]);
    let refused: Vec<&str> = outcome.refused.iter().map(|one| one.shortcode.as_str()).collect();
    assert_eq!(refused, ["p_bad name", "p_broken", "p_large"]);
    assert_eq!(shortcodes(&world).await, ["p_blob", "p_wave"]);

    let again = add_all(&world, pictures.files.clone(), "p_", &options())
        .await
        .unwrap();
    assert_eq!(again.kept, ["p_blob", "p_wave"]);
    let replacing = EmojiOptions {
        replace: true,
        ..options()
    };
    let replaced = add_all(&world, pictures.files, "p_", &replacing).await.unwrap();
    assert_eq!(replaced.replaced, ["p_blob", "p_wave"]);
}

#[tokio::test]
async fn a_broken_archive_adds_nothing() {
    let (world, folder) = (World::new(), tempfile::tempdir().unwrap());
    let whole = tarred(&[
        ("one.png", EntryType::Regular, PIXEL),
        ("two.png", EntryType::Regular, PIXEL),
    ]);
    let pack = folder.path().join("pack.tar.gz");
    fs::write(&pack, zipped(&whole[..1100])).unwrap();
    assert!(import(&world, &pack, "", &options(), true).await.is_err());
    assert_eq!(shortcodes(&world).await, [""; 0]);
    fs::write(&pack, zipped(&whole)).unwrap();
    assert!(import(&world, &pack, "", &options(), true).await.is_ok());
    assert_eq!(shortcodes(&world).await, ["one", "two"]);
    let missing = folder.path().join("missing.tar");
    assert!(import(&world, &missing, "", &options(), true).await.is_err());
}
