//! Who is asking: credentials are read here and become an [`vestibule_domain::rbac::Authority`], a value. In which headers a
//! dialect carries more than these is for its door to know.

pub(crate) mod application;
pub(crate) mod backend;
pub(crate) mod setup_link;
pub(crate) mod site;
