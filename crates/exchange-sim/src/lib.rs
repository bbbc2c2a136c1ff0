//! A stand-in Exchange, phones and endpoints: for demo, tests and benchmarks only
