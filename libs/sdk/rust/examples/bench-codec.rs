//! What test/bench measures of the codec alone: `bench-codec <seconds>`.

use std::time::{Duration, Instant};

use toru_plugin_api::codec_bench::{BATCH, exchange_all, json_all};

fn per_second(run: fn(), time: Duration) -> f64 {
    let begin = Instant::now();
    let mut count = 0;
    while begin.elapsed() < time {
        run();
        count += BATCH;
    }
    count as f64 / begin.elapsed().as_secs_f64()
}

fn main() {
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(1.0);
    let time = Duration::from_secs_f64(seconds);
    for warm in [exchange_all as fn(), json_all] {
        per_second(warm, time / 4);
    }
    let (exchanges, json) = (per_second(exchange_all, time), per_second(json_all, time));
    eprintln!("{:.0} ns an exchange, {:.0} ns as plain JSON", 1e9 / exchanges, 1e9 / json);
    println!("{}", serde_json::json!({ "exchanges": exchanges, "json": json }));
}
