"""How good a network is on labelled examples, class by class and example by example."""
