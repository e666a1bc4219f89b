//! Talk with the Hugging Face hub: which files a repository has, how large they are, and their bytes.
//!
//! Requests are made here, with ureq: the transfer of the crate hf-hub neither pauses, nor goes on with a part from an
//! earlier run, nor checks what came.

use std::time::Duration;

use serde::Deserialize;
use ureq::http::header::{AUTHORIZATION, ETAG, LOCATION, RETRY_AFTER};
use ureq::http::{Response, Uri};
use ureq::{Agent, Body};

use super::error::{Error, Result};
use super::places::Places;

const MAX_REDIRECTS: usize = 5;

/// What the content of a file is called that lies elsewhere: its SHA-256.
const LINKED_ETAG: &str = "x-linked-etag";

/// More than any list of files takes.
const MAX_LISTED_BYTES: u64 = 8 << 20;

/// Where a hub does not say how long to leave it alone.
const USUAL_WAIT: Duration = Duration::from_secs(30);

/// The way to a hub.
#[derive(Debug)]
pub(super) struct Hub {
    agent: Agent,
    address: String,
    token: Option<String>,
}

/// A repository as it stands.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) commit: String,
    pub(super) files: Vec<String>,
}

/// A file as the hub describes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Remote {
    pub(super) url: String,
    /// Names its content; the SHA-256 for large files.
    pub(super) etag: String,
    pub(super) bytes: u64,
    pub(super) sha256: Option<String>,
}

/// Whether a redirect is followed to another host, or on from an answer that describes the file already.
#[derive(Clone, Copy, PartialEq)]
enum RedirectScope {
    ThisHost,
    AnyHost,
}

/// How a file is asked for.
#[derive(Clone, Copy)]
enum RequestKind<'a> {
    List,
    Describe,
    Read { from: u64, validator: Option<&'a str> },
}

impl Hub {
    pub(super) fn new(places: &Places) -> Self {
        let silence = Some(places.patience.silence);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Redirects are followed here, where it is seen to that the token does not go along.
            .max_redirects(0)
            .timeout_connect(silence)
            .timeout_recv_response(silence)
            .timeout_per_read(silence)
            .user_agent(concat!("alla-prima/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.new_agent(), address: places.hub.clone(), token: places.token.clone() }
    }

    /// What the branch `main` of a repository holds.
    pub(super) fn list(&self, repo: &str) -> Result<Listing> {
        #[derive(Deserialize)]
        struct Answer {
            sha: String,
            siblings: Vec<Sibling>,
        }
        #[derive(Deserialize)]
        struct Sibling {
            rfilename: String,
        }
        let url = format!("{}/api/models/{repo}/revision/main", self.address);
        let mut response =
            ensure_success(&url, self.ask(&url, RequestKind::List, RedirectScope::ThisHost)?)?;
        let body = response.body_mut().with_config().limit(MAX_LISTED_BYTES).read_to_vec();
        let body = body.map_err(|err| unreachable(&url, &err))?;
        let answer: Answer =
            serde_json::from_slice(&body).map_err(|err| garbled(&url, err.to_string()))?;
        if !is_plain(&answer.sha) {
            return Err(garbled(&url, "it names no commit"));
        }
        let files = answer.siblings.into_iter().map(|it| it.rfilename).collect();
        Ok(Listing { commit: answer.sha, files })
    }

    /// How large a file is, and what its content is called.
    pub(super) fn describe(&self, repo: &str, commit: &str, file: &str) -> Result<Remote> {
        let url = format!("{}/{repo}/resolve/{commit}/{file}", self.address);
        let response = self.ask(&url, RequestKind::Describe, RedirectScope::ThisHost)?;
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        let is_elsewhere = response.status().is_redirection() && header(LINKED_ETAG).is_some();
        let tag = header(LINKED_ETAG).or_else(|| header(ETAG.as_str()));
        let etag = tag.map(|it| it.trim_start_matches("W/").trim_matches('"').to_owned());
        let bytes = header("x-linked-size").or_else(|| header("content-length"));
        let bytes = bytes.and_then(|it| it.parse().ok());
        if !is_elsewhere {
            ensure_success(&url, response)?;
        }
        let etag = etag.filter(|it| is_plain(it));
        let etag = etag.ok_or_else(|| garbled(&url, "it does not name the content"))?;
        let bytes = bytes.ok_or_else(|| garbled(&url, "it does not say how large the file is"))?;
        let sha256 = is_sha256(&etag).then(|| etag.clone());
        Ok(Remote { url, etag, bytes, sha256 })
    }

    /// The bytes of a file from some byte on, if it is still the one that the validator (an ETag) names. Any
    /// answer but 200, 206 and 416 is an error.
    pub(super) fn read(
        &self,
        url: &str,
        from: u64,
        validator: Option<&str>,
    ) -> Result<Response<Body>> {
        let response =
            self.ask(url, RequestKind::Read { from, validator }, RedirectScope::AnyHost)?;
        if response.status() == 416 { Ok(response) } else { ensure_success(url, response) }
    }

    fn ask(
        &self,
        url: &str,
        kind: RequestKind<'_>,
        scope: RedirectScope,
    ) -> Result<Response<Body>> {
        let mut next = url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask_once(&next, kind)?;
            let location = response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
            let Some(location) = location.filter(|_| response.status().is_redirection()) else {
                return Ok(response);
            };
            let target = resolved(&next, location);
            let is_described = response.headers().contains_key(LINKED_ETAG);
            if scope == RedirectScope::ThisHost
                && (is_described || origin(&target) != origin(&next))
            {
                return Ok(response);
            }
            if next.starts_with("https:") && !target.starts_with("https:") {
                return Err(garbled(url, "it leads to a place without encryption"));
            }
            next = target;
        }
        Err(garbled(url, "it leads from place to place"))
    }

    fn ask_once(&self, url: &str, kind: RequestKind<'_>) -> Result<Response<Body>> {
        let mut request = match kind {
            RequestKind::Describe => self.agent.head(url),
            RequestKind::List | RequestKind::Read { .. } => self.agent.get(url),
        };
        // What is packed on the way has another size.
        request = request.header("accept-encoding", "identity");
        if let RequestKind::Read { from: from @ 1.., validator } = kind {
            request = request.header("range", format!("bytes={from}-"));
            if let Some(validator) = validator {
                request = request.header("if-range", validator);
            }
        }
        if let Some(token) = &self.token
            && origin(url) == origin(&self.address)
        {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        request.call().map_err(|err| unreachable(url, &err))
    }
}

/// Scheme, host and port: to whom a token is told.
fn origin(url: &str) -> Option<(String, String)> {
    let uri: Uri = url.parse().ok()?;
    Some((uri.scheme_str()?.to_owned(), uri.authority()?.as_str().to_owned()))
}

/// Where a redirect leads that may name but a path.
fn resolved(from: &str, place: &str) -> String {
    match origin(from) {
        Some((scheme, host)) if place.starts_with('/') && !place.starts_with("//") => {
            format!("{scheme}://{host}{place}")
        }
        _ => place.to_owned(),
    }
}

/// An answer that says that all is well; else what is wrong.
fn ensure_success(url: &str, response: Response<Body>) -> Result<Response<Body>> {
    let url = url.to_owned();
    Err(match response.status().as_u16() {
        200..=299 => return Ok(response),
        status @ (401 | 403) => Error::Forbidden { url, status },
        404 => Error::NotFound { url },
        429 => {
            let wait = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok());
            let wait = wait.and_then(|it| it.trim().parse().ok()).map(Duration::from_secs);
            Error::TooOften { url, wait: wait.unwrap_or(USUAL_WAIT) }
        }
        status => Error::Status { url, status },
    })
}

fn unreachable(url: &str, err: &ureq::Error) -> Error {
    let why = match err {
        ureq::Error::Io(err) => err.to_string(),
        err => err.to_string(),
    };
    Error::Unreachable { url: url.to_owned(), why }
}

fn garbled(url: &str, why: impl Into<String>) -> Error {
    Error::Answer { url: url.to_owned(), why: why.into() }
}

/// Fit to be a file's name, whatever the hub says.
fn is_plain(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
}

pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stays_with_its_host_port_and_scheme() {
        let hub = origin("https://hub.example");
        assert_eq!(origin("https://hub.example/a/b?c"), hub);
        for other in [
            "http://hub.example/a",
            "https://hub.example:8443/a",
            "https://hub.example.evil/a",
            "https://cdn.hub.example/a",
            "https://hub.example@evil.example/a",
        ] {
            assert_ne!(origin(other), hub, "{other}");
        }
    }

    #[test]
    fn a_path_leads_to_the_same_host() {
        assert_eq!(resolved("https://a.b/c", "/d/e"), "https://a.b/d/e");
        assert_eq!(resolved("https://a.b/c", "https://f.g/d"), "https://f.g/d");
    }
}
