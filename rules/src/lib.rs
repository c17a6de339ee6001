//! Every rule of kubevet.
