//! What test/bench compares a plugin with: each frame goes back unchanged, with one write, and nothing else is done.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};

// One thread: for a single connection it is faster than several.
#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let path = std::env::var_os("TORU_PLUGIN_SOCKET").expect("TORU_PLUGIN_SOCKET is set");
    let listener = UnixListener::bind(path)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            // The end of the connection is the end of the echo.
            let _ = echo(stream).await;
        });
    }
}

async fn echo(stream: UnixStream) -> std::io::Result<()> {
    let (source, mut sink) = stream.into_split();
    let mut source = BufReader::with_capacity(256 * 1024, source);
    let mut frame = Vec::new();
    loop {
        let length = source.read_u32().await?;
        frame.clear();
        frame.extend_from_slice(&length.to_be_bytes());
        frame.resize(4 + length as usize, 0);
        source.read_exact(&mut frame[4..]).await?;
        sink.write_all(&frame).await?;
    }
}
