"""Small networks of torchvision's families, with random weights, as PyTorch exports them: for tests that take seconds."""
import torch
from torchvision.models import convnext, swin_transformer, vision_transformer

CLASSES = 5


def convnext_network():
    setting = convnext.CNBlockConfig
    return convnext.ConvNeXt([setting(16, 24, 2), setting(24, 32, 2), setting(32, None, 1)], layer_scale=0.5,
                             num_classes=CLASSES)


def vit_network():
    return vision_transformer.VisionTransformer(image_size=32, patch_size=8, num_layers=4, num_heads=2, hidden_dim=24,
                                                mlp_dim=48, num_classes=CLASSES)


def mean_vit_network():
    """A ViT that classifies by the mean of its tokens, without a class token."""
    model = vit_network()

    class Mean(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.vit = model
            model.encoder.pos_embedding = torch.nn.Parameter(model.encoder.pos_embedding[:, 1:])
            del model.class_token

        def forward(self, x):
            return self.vit.heads(self.vit.encoder(self.vit._process_input(x)).mean(1))

    return Mean()


def swin_network():
    return swin_transformer.SwinTransformer(patch_size=[4, 4], embed_dim=16, depths=[2, 2], num_heads=[2, 4],
                                            window_size=[4, 4], num_classes=CLASSES)


def token_mixer_network():
    """Tokens without convolution or attention: a linear patch embedding, then an MLP over positions and one over channels."""
    nn = torch.nn

    class Mixer(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Linear(48, 24)
            self.norms = nn.ModuleList(nn.LayerNorm(24) for _ in range(4))
            self.over_positions = nn.ModuleList(nn.Sequential(nn.Linear(64, 32), nn.GELU(), nn.Linear(32, 64)) for _ in range(2))
            self.over_channels = nn.ModuleList(nn.Sequential(nn.Linear(24, 48), nn.GELU(), nn.Linear(48, 24)) for _ in range(2))
            self.head = nn.Linear(24, CLASSES)

        def forward(self, x):
            x = x.reshape(-1, 3, 8, 4, 8, 4).permute(0, 2, 4, 1, 3, 5).reshape(-1, 64, 48)
            x = self.embed(x)
            for i in range(2):
                x = x + self.over_positions[i](self.norms[2 * i](x).transpose(1, 2)).transpose(1, 2)
                x = x + self.over_channels[i](self.norms[2 * i + 1](x))
            return self.head(x.mean(1))

    return Mixer()


NETWORKS = {"convnext": convnext_network, "vit": vit_network, "mean_vit": mean_vit_network, "swin": swin_network, "mixer": token_mixer_network}


def export(name, path, **options):
    """Writes the network for 3x32x32 pixels; returns it."""
    torch.manual_seed(1)
    model = NETWORKS[name]()
    with torch.no_grad():
        for parameter in model.parameters():  # torchvision initialises heads and embeddings to 0.
            if parameter.abs().max() < 1e-5:
                parameter.normal_(0, 0.1)
    model.eval()
    torch.onnx.export(model, torch.randn(1, 3, 32, 32), str(path), opset_version=13, input_names=["input"],
                      output_names=["logits"],
                      **{"dynamic_axes": {"input": {0: "N"}, "logits": {0: "N"}}, **options})
    return model
