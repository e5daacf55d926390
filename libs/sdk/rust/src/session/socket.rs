use std::{
    io, mem,
    os::unix::net::UnixStream as StdStream,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::lock;

/// One half of a connection: registered with the runtime that it belongs to, and for a time with another one as well.
#[derive(Debug)]
pub(crate) struct Half<H> {
    home: H,
    away: Arc<Mutex<Option<H>>>,
}

/// The way for another runtime to a connection that is split.
#[derive(Debug)]
pub(crate) struct Spare {
    stream: StdStream,
    reading: Arc<Mutex<Option<OwnedReadHalf>>>,
    writing: Arc<Mutex<Option<OwnedWriteHalf>>>,
}

/// Both halves, and what lets another runtime drive them.
pub(crate) fn split(stream: UnixStream) -> io::Result<(Half<OwnedReadHalf>, Half<OwnedWriteHalf>, Spare)> {
    let stream = stream.into_std()?;
    let spare = stream.try_clone()?;
    let (source, sink) = UnixStream::from_std(stream)?.into_split();
    let (reading, writing) = (Arc::default(), Arc::default());
    let source = Half { home: source, away: Arc::clone(&reading) };
    let sink = Half { home: sink, away: Arc::clone(&writing) };
    Ok((source, sink, Spare { stream: spare, reading, writing }))
}

impl Spare {
    /// From now on the halves wait for events of the current runtime.
    pub(crate) fn move_here(&self) -> io::Result<()> {
        let (source, sink) = UnixStream::from_std(self.stream.try_clone()?)?.into_split();
        self.replace(Some((source, sink)));
        Ok(())
    }

    pub(crate) fn move_home(&self) {
        self.replace(None);
    }

    fn replace(&self, halves: Option<(OwnedReadHalf, OwnedWriteHalf)>) {
        let (source, sink) = halves.unzip();
        *lock(&self.reading) = source;
        let before = mem::replace(&mut *lock(&self.writing), sink);
        // Dropped, it would end what is written.
        if let Some(before) = before {
            before.forget();
        }
    }
}

impl<H: Unpin> Half<H> {
    fn with<T>(&mut self, poll: impl FnOnce(Pin<&mut H>) -> Poll<T>) -> Poll<T> {
        match &mut *lock(&self.away) {
            Some(away) => poll(Pin::new(away)),
            None => poll(Pin::new(&mut self.home)),
        }
    }
}

impl AsyncRead for Half<OwnedReadHalf> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.with(|half| half.poll_read(context, buffer))
    }
}

impl AsyncWrite for Half<OwnedWriteHalf> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.with(|half| half.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|half| half.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|half| half.poll_shutdown(context))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixStream,
        runtime::Builder,
    };

    use super::split;

    // [SUP-5]
    #[test]
    fn halves_go_on_with_another_runtime_and_come_back() {
        let [home, other] = [(); 2].map(|()| Builder::new_current_thread().enable_all().build().unwrap());
        let (mut host, mut source, mut sink, spare) = home.block_on(async {
            let (host, plugin) = UnixStream::pair().unwrap();
            let (source, sink, spare) = split(plugin).unwrap();
            (host, source, sink, spare)
        });
        let mut bytes = [0; 2];
        for is_away in [false, true, false, true, false] {
            let runtime = if is_away { &other } else { &home };
            if is_away {
                let _there = other.enter();
                spare.move_here().unwrap();
                spare.move_here().unwrap();
            }
            home.block_on(host.write_all(b"to")).unwrap();
            runtime.block_on(source.read_exact(&mut bytes)).unwrap();
            assert_eq!(&bytes, b"to");
            runtime.block_on(sink.write_all(b"fr")).unwrap();
            home.block_on(host.read_exact(&mut bytes)).unwrap();
            assert_eq!(&bytes, b"fr");
            spare.move_home();
        }
        // The end of what is written is told all the same.
        drop(sink);
        assert_eq!(home.block_on(host.read(&mut bytes)).unwrap(), 0);
    }
}
