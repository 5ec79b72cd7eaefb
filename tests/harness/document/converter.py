"""The document's param_convert: what does not match is printed, and the rest is saved."""

import mindspore as ms


def param_convert(ms_params, pt_params, ckpt_path):
    bn_ms2pt = {
        "gamma": "weight",
        "beta": "bias",
        "moving_mean": "running_mean",
        "moving_variance": "running_var",
    }
    new_params_list = []
    for ms_param in ms_params:
        if "bn" in ms_param or "downsample.1" in ms_param:
            ms_param_item = ms_param.split(".")
            pt_param_item = ms_param_item[:-1] + [bn_ms2pt[ms_param_item[-1]]]
            pt_param = ".".join(pt_param_item)
        else:
            pt_param = ms_param
        if pt_param in pt_params and pt_params[pt_param].shape == ms_params[ms_param].shape:
            new_params_list.append({"name": ms_param, "data": ms.Tensor(pt_params[pt_param])})
        else:
            print(ms_param, "not match in pt_params")
    ms.save_checkpoint(new_params_list, ckpt_path)
