//! A hub on 127.0.0.1 that misbehaves as it is told, and notes what it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::Builder;

use sha2::{Digest as _, Sha256};

pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What the hub does when a file is asked for, once; then the next in the list, and in the end all is well.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mood {
    /// Closes the connection after this many bytes.
    BreaksOff(usize),
    /// Sends this many bytes, then nothing, for as long as the other one listens.
    Stalls(usize),
    /// Sends this many bytes too many, or too few, as if that were all.
    SaysMore(usize),
    SaysLess(usize),
    /// Sends other bytes, as many of them.
    SaysOther,
    Answers(u16),
    /// 429 with Retry-After.
    WantsPeace(u64),
    /// 200 with everything, whatever was asked for.
    IgnoresRanges,
    /// 206, but from another byte on.
    StartsElsewhere,
}

/// A request as it came: its first line, and its headers in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
}

#[derive(Default)]
struct Inside {
    files: BTreeMap<String, Vec<u8>>,
    moods: VecDeque<Mood>,
    /// Where large files lie, when they lie on another host.
    elsewhere: Option<String>,
    /// Said of the size instead of the truth.
    claimed_bytes: Option<usize>,
    /// The answer to a request for the list of files, instead of the list.
    list_status: Option<u16>,
    asked: Vec<Asked>,
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: String,
    inside: Arc<Mutex<Inside>>,
}

impl Server {
    pub(crate) fn start(files: &[(&str, &[u8])]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let files =
            files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        let inside = Arc::new(Mutex::new(Inside { files, ..Inside::default() }));
        let server = Self { address, inside };
        let serving = server.clone();
        let serve = move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                let answer = move || serving.answer(&stream);
                Builder::new().name("answer".to_owned()).spawn(answer).unwrap();
            }
        };
        Builder::new().name("hub".to_owned()).spawn(serve).unwrap();
        server
    }

    pub(crate) fn will(&self, moods: &[Mood]) {
        self.inside.lock().unwrap().moods = moods.iter().copied().collect();
    }

    pub(crate) fn keeps_files_at(&self, other: &Self) {
        self.inside.lock().unwrap().elsewhere = Some(other.address.clone());
    }

    pub(crate) fn claims(&self, bytes: usize) {
        self.inside.lock().unwrap().claimed_bytes = Some(bytes);
    }

    pub(crate) fn lists_with(&self, status: u16) {
        self.inside.lock().unwrap().list_status = Some(status);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.inside.lock().unwrap().asked.clone()
    }

    /// The bytes that files were asked for, as in "bytes=7-"; empty for all of them.
    pub(crate) fn ranges(&self) -> Vec<String> {
        let gets = self
            .asked()
            .into_iter()
            .filter(|it| it.line.starts_with("GET") && !it.line.contains("/api/"));
        gets.map(|it| it.headers.get("range").cloned().unwrap_or_default()).collect()
    }

    fn answer(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(asked) = read_request(&mut reader) {
            if self.reply(stream, &asked).is_none() {
                let _ = stream.shutdown(std::net::Shutdown::Both);
                return;
            }
        }
    }

    /// `None` where the connection ends.
    fn reply(&self, stream: &TcpStream, asked: &Asked) -> Option<()> {
        let (files, elsewhere, claimed, list_status) = {
            let mut inside = self.inside.lock().unwrap();
            inside.asked.push(asked.clone());
            let it = &*inside;
            (it.files.clone(), it.elsewhere.clone(), it.claimed_bytes, it.list_status)
        };
        let mut words = asked.line.split(' ');
        let (method, path) = (words.next()?, words.next()?);
        let name = path.split('?').next()?.rsplit('/').next()?;
        if path.starts_with("/api/") {
            if let Some(status) = list_status {
                return send(stream, status, &[], b"");
            }
            let siblings: Vec<_> =
                files.keys().map(|it| serde_json::json!({ "rfilename": it })).collect();
            let list = serde_json::json!({ "sha": COMMIT, "siblings": siblings }).to_string();
            return send(stream, 200, &[], list.as_bytes());
        }
        let Some(bytes) = files.get(name) else { return send(stream, 404, &[], b"") };
        let tag = format!("\"{}\"", sha256(bytes));
        let place = elsewhere.map(|it| ("location", format!("{it}/blob/{name}?signed=yes")));
        let status = if place.is_some() { 302 } else { 200 };
        if method == "HEAD" {
            let size = claimed.unwrap_or(bytes.len()).to_string();
            let headers = [("x-linked-etag", tag), ("x-linked-size", size)];
            let headers: Vec<_> = headers.into_iter().chain(place).collect();
            return send(stream, status, &headers, b"");
        }
        if let Some(place) = place {
            return send(stream, status, &[place], b"");
        }
        let mood = self.inside.lock().unwrap().moods.pop_front();
        let range = asked.headers.get("range");
        let from = range.and_then(|it| it.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        send_file(stream, bytes, tag, from.unwrap_or(0), mood)
    }
}

/// A file from some byte on, in some mood.
fn send_file(
    mut stream: &TcpStream,
    bytes: &[u8],
    tag: String,
    from: usize,
    mood: Option<Mood>,
) -> Option<()> {
    if bytes.len() <= from && 0 < from {
        return send(stream, 416, &[], b"");
    }
    let (status, first) = match (from, mood) {
        (0, _) | (_, Some(Mood::IgnoresRanges)) => (200, 0),
        (_, Some(Mood::StartsElsewhere)) => (206, from - 1),
        _ => (206, from),
    };
    let all = bytes.len();
    let headers = [("etag", tag), ("content-range", format!("bytes {first}-{}/{all}", all - 1))];
    let rest = &bytes[first..];
    match mood {
        Some(Mood::Answers(status)) => send(stream, status, &[], b"sorry"),
        Some(Mood::WantsPeace(secs)) => {
            send(stream, 429, &[("retry-after", secs.to_string())], b"")
        }
        Some(Mood::BreaksOff(n)) => {
            head(stream, status, &headers, rest.len())?;
            stream.write_all(&rest[..n]).ok()?;
            None
        }
        Some(Mood::Stalls(n)) => {
            head(stream, status, &headers, rest.len())?;
            stream.write_all(&rest[..n]).ok()?;
            // Until the other one has had enough.
            let _ = stream.read(&mut [0]);
            None
        }
        Some(Mood::SaysMore(n)) => send(stream, status, &headers, &[rest, &vec![b'?'; n]].concat()),
        Some(Mood::SaysLess(n)) => send(stream, status, &headers, &rest[..rest.len() - n]),
        Some(Mood::SaysOther) => {
            let other: Vec<u8> = rest.iter().map(|it| it ^ 1).collect();
            send(stream, status, &headers, &other)
        }
        Some(Mood::IgnoresRanges | Mood::StartsElsewhere) | None => {
            send(stream, status, &headers, rest)
        }
    }
}

fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|it| 0 < *it)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers = lines[1..].iter().filter_map(|it| it.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Some(Asked { line: lines[0].clone(), headers })
}

fn head(
    mut stream: &TcpStream,
    status: u16,
    headers: &[(&str, String)],
    n_bytes: usize,
) -> Option<()> {
    let mut text = format!("HTTP/1.1 {status} So\r\ncontent-length: {n_bytes}\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{text}\r\n").as_bytes()).ok()
}

fn send(
    mut stream: &TcpStream,
    status: u16,
    headers: &[(&str, String)],
    body: &[u8],
) -> Option<()> {
    head(stream, status, headers, body.len())?;
    stream.write_all(body).ok()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect()
}
