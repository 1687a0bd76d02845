"""An app that shows what it receives from Assay, and checks the assertion."""
