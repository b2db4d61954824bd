//! Documents of others: GS1's examples, openepcis's test resources. They are read where they
//! are, and a test says so where they are not.

#[cfg(test)]
mod data;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod oracle;
