//! Bytes to and from Exchange: requests, replies and whole conversations
