//! Rules A1 to A7: whether an occurrence is shown.
