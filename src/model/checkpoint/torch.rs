//! The tensors of a file that PyTorch has saved: a zip archive of a pickle, `data.pkl`, and of one
//! file per storage in the folder `data` beside it, all of them uncompressed.

use std::io::{Cursor, Read as _};
use std::ops::Range;

use zip::read::{ArchiveOffset, Config};
use zip::{CompressionMethod, ZipArchive};

use super::entry::Entry;
use super::flaw::{Flaw, Result};
use super::pickle::{self, View};

/// A larger pickle is refused; those of published models take less than 1 MiB.
const MAX_PICKLED: u64 = 16 << 20;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// # Errors
/// Says what is wrong with archive, pickle or a tensor.
pub(super) fn entries(file: &[u8]) -> Result<Vec<(String, Entry)>> {
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let mut archive = ZipArchive::with_config(config, Cursor::new(file))
        .map_err(|err| Flaw::part("archive", err))?;
    let folder = folder_of_pickle(&archive).ok_or("its archive holds no data.pkl")?;
    check_byte_order(&mut archive, &folder)?;
    let pickle = small_file(&mut archive, &format!("{folder}data.pkl"))?;
    let tensors = pickle::tensors(&pickle).map_err(|flaw| Flaw::part("data.pkl", flaw))?;
    let mut entries = Vec::with_capacity(tensors.len());
    for (name, View { storage, offset, shape, strides }) in tensors {
        let range = range(&mut archive, &format!("{folder}data/{}", storage.key), file.len())?;
        let entry = Entry::view(storage.kind, range, offset, shape, strides)
            .map_err(|flaw| flaw.in_tensor(name))?;
        entries.push((name.to_owned(), entry));
    }
    Ok(entries)
}

/// "archive/" where there is an "archive/data.pkl".
fn folder_of_pickle(archive: &Archive<'_>) -> Option<String> {
    archive.file_names().filter_map(std::result::Result::ok).find_map(|name| {
        let folder = name.strip_suffix("data.pkl")?;
        let is_outermost = folder.is_empty() || folder.find('/') == Some(folder.len() - 1);
        is_outermost.then(|| folder.to_owned())
    })
}

/// Old files say nothing; all machines that wrote them had the lowest byte first.
fn check_byte_order(archive: &mut Archive<'_>, folder: &str) -> Result<()> {
    let name = format!("{folder}byteorder");
    if archive.index_for_name(&name).is_some() && small_file(archive, &name)? != b"little" {
        return Err("its values have the highest byte first".into());
    }
    Ok(())
}

/// The bytes of a file that is read whole, held against its checksum.
fn small_file(archive: &mut Archive<'_>, name: &str) -> Result<Vec<u8>> {
    let file = archive.by_name(name).map_err(|err| Flaw::part(name, err))?;
    if file.compression() != CompressionMethod::Stored || MAX_PICKLED < file.size() {
        return Err(Flaw::part(name, "it is compressed, or larger than that of any model"));
    }
    let mut bytes = Vec::new();
    let mut whole = file.take(MAX_PICKLED);
    whole.read_to_end(&mut bytes).map_err(|err| Flaw::part(name, err))?;
    Ok(bytes)
}

/// Where a file of the archive lies.
fn range(archive: &mut Archive<'_>, name: &str, n_bytes: usize) -> Result<Range<usize>> {
    let file = archive.by_name(name).map_err(|err| Flaw::part(name, err))?;
    let is_plain = file.compression() == CompressionMethod::Stored && !file.encrypted();
    let start = file.data_start().and_then(|it| usize::try_from(it).ok());
    let range = start.and_then(|start| {
        let end = start.checked_add(usize::try_from(file.size()).ok()?)?;
        (is_plain && end <= n_bytes).then_some(start..end)
    });
    range.ok_or_else(|| Flaw::part(name, "it is compressed or breaks off"))
}
