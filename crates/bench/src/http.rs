//! The cheapest client that will do: requests are bytes made beforehand, a connection is kept, and of an answer
//! only the length is understood. The client shares the cores with the server, so what it saves is not taken
//! from what is measured.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::TcpStream;

use crate::Result;

/// One kept connection.
pub(crate) struct Connection {
    stream: TcpStream,
    /// The last answer; its allocation is used again.
    buffer: Vec<u8>,
}

/// One answer, as long as the next request is not sent.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    head: &'a str,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(8192) })
    }

    /// Sends a whole request and reads the whole answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.write(request).await?;
        self.buffer.clear();
        let (head, length) = loop {
            self.read().await?;
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = std::str::from_utf8(self.buffer.get(..end).unwrap_or_default())?;
                let is_empty = head.get(9..12) == Some("204");
                let length = header(head, "content-length").or(is_empty.then_some("0"));
                let length = length.ok_or("an answer without a length")?.parse::<usize>()?;
                break (end, length);
            }
        };
        let body = head + 4;
        while self.buffer.len() < body + length {
            self.read().await?;
        }
        let head = std::str::from_utf8(self.buffer.get(..head).unwrap_or_default())?;
        let status = head.get(9..12).ok_or("an answer without a status")?.parse()?;
        Ok(Answer { status, head, body: self.buffer.get(body..body + length).unwrap_or_default() })
    }

    async fn write(&self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<()> {
        let mut chunk = [0; 8192];
        loop {
            self.stream.readable().await?;
            match self.stream.try_read(&mut chunk) {
                Ok(0) => return Err("the connection was closed".into()),
                Ok(length) => {
                    self.buffer.extend_from_slice(chunk.get(..length).unwrap_or_default());
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Answer<'_> {
    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    /// Refuses any other status, with what the answer says.
    pub(crate) fn expect(self, status: u16) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        let body = String::from_utf8_lossy(self.body);
        Err(format!("found status {}, expected {status}: {body}", self.status).into())
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

/// A request without a body. `headers` are whole lines, each with its line end.
pub(crate) fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{headers}\r\n").into_bytes()
}

/// A request with a JSON body.
pub(crate) fn with_json(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    with_body(method, path, "application/json", headers, body)
}

/// A form that is posted.
pub(crate) fn with_form(path: &str, headers: &str, body: &str) -> Vec<u8> {
    with_body("POST", path, "application/x-www-form-urlencoded", headers, body)
}

fn with_body(method: &str, path: &str, media: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: {media}\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// Path and query of an absolute http URL.
pub(crate) fn path_of(url: &str) -> Result<&str> {
    let rest = url.split_once("://").map(|(_, rest)| rest).ok_or("a redirect that is not absolute")?;
    let start = rest.find('/').ok_or("a redirect without a path")?;
    Ok(rest.get(start..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_whatever_their_case() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nset-cookie: a=b; Path=/";
        assert_eq!(header(head, "content-length"), Some("12"));
        assert_eq!(header(head, "Set-Cookie"), Some("a=b; Path=/"));
        assert_eq!(header(head, "location"), None);
    }

    #[test]
    fn a_redirect_has_a_path() {
        assert_eq!(path_of("http://127.0.0.1:80/a?b=http://c/").unwrap(), "/a?b=http://c/");
        assert!(path_of("/a").is_err());
    }
}
