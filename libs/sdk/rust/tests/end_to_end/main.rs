//! The whole crate, over a real socket against the real process of `examples/test-plugin.rs`. One program: each more would be
//! linked anew.

mod hostile_host;
mod support;
mod upgrade;
mod version_1;
mod version_2;
