//! The whole crate, over a real socket against the real process of `examples/test-plugin.rs`. One program: each more would be
//! linked anew.

mod hostile_host;
mod licences;
mod life;
mod requests;
mod storage;
mod streams;
mod support;
mod upgrade;
mod version_1;
mod web_sockets;
