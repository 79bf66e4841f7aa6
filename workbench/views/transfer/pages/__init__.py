"""The pages of the transfer wizard, one file each; they show and edit a ``TransferDraft``."""
