"""The claims of the founding document, each an experiment whose criteria were fixed before it ran."""
