//! What an operator may ask and is told
