"""Several processes train one run (torch.distributed): start, broadcasts from rank 0, all-reduce of gradients."""
