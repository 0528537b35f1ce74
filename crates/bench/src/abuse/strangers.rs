//! Clients without credentials, at another address than the victim's: some say nothing, some say it byte by byte, some
//! never finish their head.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::Result;
use crate::process::Server;

const SILENT: usize = 700;
const DRIPPING: usize = 100;
const HALF: usize = 200;
/// A body as long as one may be.
const BODY: usize = 250 * 1024;
/// A head that is almost too long.
const HEAD: usize = 7 * 1024;

/// Begins all of it.
pub(super) fn begin(server: &Server) -> JoinSet<()> {
    let (mut all, address) = (JoinSet::new(), server.address);
    let half = format!("GET / HTTP/1.1\r\nhost: bench\r\nx-long: {}", "x".repeat(HEAD));
    let drip = format!(
        "POST /v1/b2b/organizations HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {BODY}\r\n\r\n"
    );
    for (count, opening) in [(SILENT, String::new()), (HALF, half), (DRIPPING, drip)] {
        let drips = count == DRIPPING;
        for _ in 0..count {
            let opening = opening.clone();
            all.spawn(async move {
                loop {
                    // Whoever is sent away comes back.
                    drop(hold(address, opening.as_bytes(), drips).await);
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            });
        }
    }
    all
}

/// Connects and holds the connection until the other side ends it.
async fn hold(address: SocketAddr, opening: &[u8], drips: bool) -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.2:0".parse()?)?;
    let stream = socket.connect(address).await?;
    stream.try_write(opening)?;
    if drips {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stream.try_write(b" ")?;
        }
    }
    ended(&stream).await
}

async fn ended(stream: &TcpStream) -> Result<()> {
    let mut answer = [0; 1024];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut answer) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}
