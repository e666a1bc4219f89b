"""Makes the network that ships inside the program: corpus, codec, painter, judge. See README.md."""
