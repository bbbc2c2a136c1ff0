//! What a room, a meeting, an occurrence and a decision are, and the rules that decide
