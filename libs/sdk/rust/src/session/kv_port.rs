use std::sync::Weak;

use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{KV_DEADLINE, v2::Connection};
use crate::{
    KvError, KvOp, KvReply,
    kv::{KvAnswer, KvQuery},
};

/// A question on its way to the connection of a request of version 1.
#[derive(Debug)]
pub(crate) struct QuestionV1 {
    pub(crate) operation: KvOp,
    pub(crate) answer: oneshot::Sender<Result<Option<String>, KvError>>,
}

/// Where the questions of a [`crate::Kv`] go.
#[derive(Debug)]
pub(crate) enum KvPort {
    V2(Weak<Connection>),
    /// The connection of the request that is being handled.
    V1(mpsc::Sender<QuestionV1>),
    /// Outside of a request of version 1, or with a host that offers no storage.
    None(&'static str),
}

impl KvPort {
    pub(crate) async fn ask(&self, query: KvQuery) -> Result<KvAnswer, KvError> {
        let answer = async {
            match self {
                Self::V2(connection) => connection.upgrade().ok_or_else(lost)?.ask_kv(query).await,
                Self::V1(questions) => ask_v1(questions, query).await,
                Self::None(why) => Err(KvError::new("unsupported", *why)),
            }
        };
        let late = |_| KvError::new("timeout", "The host's storage has not answered in time");
        timeout(KV_DEADLINE, answer).await.map_err(late)?
    }
}

async fn ask_v1(questions: &mpsc::Sender<QuestionV1>, query: KvQuery) -> Result<KvAnswer, KvError> {
    let KvQuery::One(operation) = query else {
        return Err(KvError::new("unsupported", "Version 1 has neither lists nor batches"));
    };
    let written = match &operation {
        KvOp::Get { .. } => None,
        KvOp::Set { .. } => Some(KvReply::Set { revision: 0 }),
        KvOp::Delete { .. } => Some(KvReply::Deleted(true)),
    };
    let (answer, answered) = oneshot::channel();
    questions.send(QuestionV1 { operation, answer }).await.map_err(|_| lost())?;
    let value = answered.await.map_err(|_| lost())??;
    Ok(KvAnswer::One(written.unwrap_or(KvReply::Value { value, revision: 0 })))
}

pub(crate) fn lost() -> KvError {
    KvError::new("connection_lost", "The connection to the host is gone")
}
